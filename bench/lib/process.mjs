/** What Linux knows of other processes: their CPU time and their memory. */

import { readFileSync, readdirSync, writeFileSync } from "node:fs";

import { UserError } from "../../scripts/lib/run.mjs";

/** Linux counts CPU time for others in hundredths of a second. */
const TICK_MS = 10;
const MIB_IN_KB = 1024;

/** @param {string} name */
function read(name) {
  if (process.platform !== "linux") throw new UserError("This benchmark reads /proc: it needs Linux.");
  return readFileSync(`/proc/${name}`, "utf8");
}

/** The fields of a process behind its name. @param {number | string} pid */
const statOf = (pid) =>
  read(`${pid}/stat`)
    .replace(/^.*\) /s, "")
    .split(" ");

/** The workerd that this process has started last. */
export function workerd() {
  const own = readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && statOf(name)[1] === String(process.pid) && read(`${name}/comm`) === "workerd\n";
    } catch {
      // It has ended.
      return false;
    }
  });
  const pid = Math.max(...own.map(Number));
  if (!Number.isFinite(pid)) throw new Error("No workerd was found.");
  return pid;
}

/** Milliseconds of CPU time so far, all threads. @param {number} pid */
export function cpuOf(pid) {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** @param {number} pid @param {"VmRSS" | "VmHWM"} name */
const memoryOf = (pid, name) =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(read(`${pid}/status`))?.[1]) / MIB_IN_KB;

/** MiB in memory now. @param {number} pid */
export const rssOf = (pid) => memoryOf(pid, "VmRSS");

/** MiB in memory at most, since {@link forgetPeak}. @param {number} pid */
export const peakOf = (pid) => memoryOf(pid, "VmHWM");

/** @param {number} pid */
export const forgetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, "5");
