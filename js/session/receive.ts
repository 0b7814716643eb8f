/** What a session receives: one place in the offer for each, in their order, with the codecs and the sound that are preferred. */

/** What kind of media. @experimental */
export type WmaReceiveTrackKind = "audio" | "video";

/** How sound is wanted. Not a setting of what is sent. @experimental */
export interface WmaOpusReceiveOptions {
  /** Stereo, or mono. Without it: as the browser likes. */
  stereo?: boolean;
  /** The most bits per second, a whole number from 6000 to 510000. */
  maxAverageBitrate?: number;
}

/** One place in the offer. @experimental */
export type WmaReceiveTrackOptions = {
  /** MIME types in the order in which they are preferred, such as `["video/VP8"]`. All others stay in the offer behind them. */
  codecPreferences?: readonly string[];
} & ({ kind: "audio"; opus?: WmaOpusReceiveOptions } | { kind: "video"; opus?: never });

/** A kind, or a kind with what is preferred. @experimental */
export type WmaReceiveTrack = WmaReceiveTrackKind | WmaReceiveTrackOptions;

/** A place, checked and copied: what the caller changes later changes no offer. */
export function receivePlace(track: WmaReceiveTrack): WmaReceiveTrackOptions {
  const given = typeof track === "string" ? { kind: track } : { ...track };
  const { kind, codecPreferences: codecs, opus } = given as WmaReceiveTrackOptions & { opus?: WmaOpusReceiveOptions };
  if (kind !== "audio" && kind !== "video")
    throw new TypeError('`receive` takes "audio", "video", or objects with such a `kind`.');
  const isCodec = (codec: unknown) => typeof codec === "string" && new RegExp(`^${kind}/[\\w.+-]+$`, "i").test(codec);
  if (codecs !== undefined && !(Array.isArray(codecs) && codecs.every(isCodec)))
    throw new TypeError(`\`receive.codecPreferences\` takes a list of MIME types that begin with "${kind}/".`);
  if (opus === undefined) return given as WmaReceiveTrackOptions;
  const { stereo, maxAverageBitrate: bits } = Object(opus);
  if (kind !== "audio" || typeof opus !== "object" || Array.isArray(opus))
    throw new TypeError("`receive.opus` takes an object, of a place for audio.");
  if (stereo !== undefined && typeof stereo !== "boolean")
    throw new TypeError("`receive.opus.stereo` takes true or false.");
  if (bits !== undefined && !(Number.isInteger(bits) && bits >= 6_000 && bits <= 510_000))
    throw new TypeError("`receive.opus.maxAverageBitrate` takes a whole number from 6000 to 510000.");
  return { ...given, opus: { ...opus } } as WmaReceiveTrackOptions;
}

/** Puts the preferred codecs first. None is taken out: what repairs a picture is a codec, too. */
export function preferCodecs(
  transceiver: RTCRtpTransceiver,
  { kind, codecPreferences = [] }: WmaReceiveTrackOptions,
  warn: (message: string) => void,
): void {
  if (codecPreferences.length === 0) return;
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.(kind)?.codecs ?? [];
  const wanted = codecPreferences.map((codec) => codec.toLowerCase());
  for (const codec of wanted) {
    if (!codecs.some(({ mimeType }) => mimeType.toLowerCase() === codec)) warn(`This browser receives no ${codec}.`);
  }
  const rank = ({ mimeType }: { mimeType: string }) =>
    (wanted.indexOf(mimeType.toLowerCase()) + wanted.length + 1) % (wanted.length + 1);
  // A name that is not wanted has rank `length`: behind all that are.
  if (codecs.some((codec) => rank(codec) < wanted.length))
    transceiver.setCodecPreferences([...codecs].sort((one, other) => rank(one) - rank(other)));
}

/** An offer in which Opus is asked for as the places say. They are its first sections, in their order. */
export function withOpus(sdp: string, places: readonly WmaReceiveTrackOptions[]): string {
  const [head = "", ...sections] = sdp.split(/(?=^m=)/m);
  places.forEach(({ opus }, index) => {
    const wanted = [
      opus?.stereo !== undefined && `stereo=${Number(opus.stereo)}`,
      opus?.maxAverageBitrate !== undefined && `maxaveragebitrate=${opus.maxAverageBitrate}`,
    ].filter((one) => one !== false);
    const section = sections[index] ?? "";
    const [, payload] = /^a=rtpmap:(\d+) opus\/48000\/2\s*$/im.exec(section) ?? [];
    if (wanted.length === 0 || payload === undefined) return;
    const line = new RegExp(`^a=fmtp:${payload} (.*?)(\\r?)$`, "m");
    const names = wanted.map((one) => one.split("=")[0]);
    const merge = (list: string) =>
      [...list.split(";").filter((one) => one && !names.includes(one.split("=")[0]?.trim())), ...wanted].join(";");
    sections[index] = line.test(section)
      ? section.replace(line, (_, list, end) => `a=fmtp:${payload} ${merge(list)}${end}`)
      : section.replace(
          /^(a=rtpmap:\d+ opus\/48000\/2)(\s*)$/im,
          (_, map, end) => `${map}\r\na=fmtp:${payload} ${merge("")}${end}`,
        );
  });
  return head + sections.join("");
}
