import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// While developing, the page comes from Vite and everything else from a running `zhiyin serve`.
const server = process.env.ZHIYIN_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  base: './', // the page may lie below a path of a proxy's
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/v1': server } },
});
