/** A worker that only passes on. */

export default {
  /** @param {Request} request @param {any} env */
  fetch({ headers, method, body }, { FAL_KEY }) {
    const own = { authorization: `Key ${FAL_KEY}`, "content-type": "application/json" };
    return fetch(headers.get("x-fal-target-url") ?? "", { method, headers: own, body });
  },
};
