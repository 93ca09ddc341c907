import '@fontsource-variable/newsreader/wght.css';
import '@fontsource-variable/newsreader/wght-italic.css';
import './page.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { start } from './state.svelte.js';

start();
mount(App, { target: document.getElementById('page') });
