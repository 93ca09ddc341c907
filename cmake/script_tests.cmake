# Tests that are not C++: the include rule, the page in a real browser, Gorse's own client. Exit code 77 is a loud skip.
add_test(NAME structure.includes COMMAND ${CMAKE_SOURCE_DIR}/tests/structure/includes.sh ${CMAKE_SOURCE_DIR}/src)
find_program(NODE node)
if(NODE)
  add_test(NAME browser.page COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/tests/browser/page.test.mjs)
  set_tests_properties(browser.page PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300 ENVIRONMENT "ZHIYIN_BINARY=$<TARGET_FILE:zhiyin>;ZHIYIN_WEB=${CMAKE_SOURCE_DIR}/web/dist;LSAN_OPTIONS=${leaks}")
  add_test(NAME gorse.client COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/tests/gorse/client.test.mjs)
  set_tests_properties(gorse.client PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 120 ENVIRONMENT "ZHIYIN_BINARY=$<TARGET_FILE:zhiyin>;LSAN_OPTIONS=${leaks}")
endif()

# Minutes long: only `./run test -C heavy -R heavy` runs them.
add_test(NAME heavy.scan_memory CONFIGURATIONS heavy COMMAND ${CMAKE_SOURCE_DIR}/tests/heavy/scan_memory.sh $<TARGET_FILE:zhiyin>)
set_tests_properties(heavy.scan_memory PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 3600)
