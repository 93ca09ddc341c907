# Tests that are not C++: the include rule and the page in a real browser. Exit code 77 is a loud skip.
add_test(NAME structure.includes COMMAND ${CMAKE_SOURCE_DIR}/tests/structure/includes.sh ${CMAKE_SOURCE_DIR}/src)
