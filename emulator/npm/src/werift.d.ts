/** What is used of the package `werift`, which is there only where sessions are wanted. */
declare module "werift" {
  interface Told<Value> {
    subscribe(listener: (value: Value) => void): unknown;
  }

  export class MediaStreamTrack {
    constructor(options: { kind: "audio" | "video" });
    readonly onReceiveRtp: Told<unknown>;
    writeRtp(packet: RtpPacket): void;
  }

  export class RtpHeader {
    constructor(fields: {
      sequenceNumber: number;
      timestamp: number;
      payloadType: number;
      marker: boolean;
      ssrc: number;
    });
  }

  export class RtpPacket {
    constructor(header: RtpHeader, payload: Buffer);
  }

  export class RTCRtpCodecParameters {
    constructor(fields: {
      mimeType: string;
      clockRate: number;
      channels?: number;
      rtcpFeedback?: { type: string; parameter?: string }[];
    });
  }

  export interface RTCDataChannel {
    readonly onMessage: Told<string | Buffer>;
    send(data: string): void;
  }

  export interface RTCRtpTransceiver {
    readonly kind: "audio" | "video" | "application" | "unknown";
    readonly mLineIndex?: number;
    readonly sender: { replaceTrack(track: MediaStreamTrack): Promise<void> };
    setDirection(direction: string): void;
  }

  export class RTCPeerConnection {
    constructor(options: {
      iceServers: never[];
      iceUseIpv6: boolean;
      iceAdditionalHostAddresses: string[];
      codecs: { audio: RTCRtpCodecParameters[]; video: RTCRtpCodecParameters[] };
    });
    readonly dtlsTransports: { readonly onStateChange: Told<string> }[];
    readonly connectionStateChange: Told<string>;
    readonly onDataChannel: Told<RTCDataChannel>;
    readonly onTrack: Told<MediaStreamTrack>;
    readonly localDescription: { sdp: string } | undefined;
    setRemoteDescription(description: { type: "offer"; sdp: string }): Promise<unknown>;
    createAnswer(): Promise<{ type: "answer"; sdp: string }>;
    setLocalDescription(description: { type: "answer"; sdp: string }): Promise<unknown>;
    getTransceivers(): RTCRtpTransceiver[];
    close(): Promise<void>;
  }
}
