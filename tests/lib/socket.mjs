/** Sockets for Node, which has none before 22: those of the package `ws`, taken to the emulator. */

import { WebSocket } from "ws";

/** A `WebSocket` for the option of that name. It counts itself. @param {string} emulator */
export function socketsOf(emulator) {
  const address = emulator.replace(/^http/, "ws");
  return class extends WebSocket {
    /** @type {WebSocket[]} */
    static all = [];

    /** @param {string} url @param {any} [options] */
    constructor(url, options) {
      super(url.replace(/^wss:\/\/((?:ws\.)?fal\.run)(?=\/)/, `${address}/$1`), options);
      new.target.all.push(this);
    }
  };
}
