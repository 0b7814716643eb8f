import { mount } from "svelte";

import Picture from "./Picture.svelte";

mount(Picture, { target: document.getElementById("app") });
