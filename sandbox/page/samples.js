/** Things to send when none are at hand, made on the spot. */

export const PHONE = "+79001234567";
export const PLACE = { latitude: 51.660781, longitude: 39.200296 }; // Воронеж

const SAMPLE_RATE = 8000;
const SECONDS = 1;
const TONE_HZ = 440;

/** A second of a quiet tone, 8-bit mono WAV. */
export function voice() {
  const count = SAMPLE_RATE * SECONDS;
  const header = new DataView(new ArrayBuffer(44));
  const write = (offset, text) => [...text].forEach((char, index) => header.setUint8(offset + index, char.charCodeAt(0)));
  write(0, "RIFF");
  header.setUint32(4, 36 + count, true);
  write(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, SAMPLE_RATE, true);
  header.setUint32(28, SAMPLE_RATE, true);
  header.setUint16(32, 1, true);
  header.setUint16(34, 8, true);
  write(36, "data");
  header.setUint32(40, count, true);
  const tone = Uint8Array.from({ length: count }, (_, index) => 128 + 20 * Math.sin((2 * Math.PI * TONE_HZ * index) / SAMPLE_RATE));
  return new File([header, tone], "voice.wav", { type: "audio/wav" });
}

/** A thumb up, as large as Telegram's stickers. */
export async function sticker() {
  const canvas = new OffscreenCanvas(512, 512);
  const pen = canvas.getContext("2d");
  pen.font = "380px sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText("👍", 256, 270);
  return new File([await canvas.convertToBlob({ type: "image/webp" })], "sticker.webp", { type: "image/webp" });
}
