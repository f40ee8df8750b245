/**
 * Modbus RTU frame: finds the answer to a request among the bytes on a serial line. [Modbus over Serial Line V1.02,
 * 2.5]
 */

/** Unit, function with the high bit set, exception, two bytes of CRC. */
const EXCEPTION_BYTES = 5

/**
 * The answer to the request among the bytes that came after it. Undefined until it is whole. Noise before it is
 * skipped.
 */
export function findAnswer(request: Uint8Array, bytes: Uint8Array): Uint8Array | undefined {
  for (let start = 0; start + EXCEPTION_BYTES <= bytes.length; start += 1) {
    const length = answerBytes(request, bytes.subarray(start))
    const frame = bytes.subarray(start, start + length)
    if (length > 0 && frame.length === length && hasRightCrc(frame)) return frame
  }
  return undefined
}

/** The length of the answer that begins here. 0 if none does. */
function answerBytes(request: Uint8Array, bytes: Uint8Array): number {
  const [unit, code = 0] = request
  if (bytes[0] !== unit) return 0
  if (bytes[1] === (code | 0x80)) return EXCEPTION_BYTES
  if (bytes[1] !== code) return 0
  // [Modbus 6.5, 6.6, 6.11, 6.12] The answer to a write repeats the address and the count. So a late answer does not
  // match a write to another address.
  if (code > 4) return request.subarray(2, 6).every((byte, at) => bytes[2 + at] === byte) ? 8 : 0
  const asked = (request[4] ?? 0) * 256 + (request[5] ?? 0)
  const dataBytes = code < 3 ? Math.ceil(asked / 8) : asked * 2
  return bytes[2] === dataBytes ? dataBytes + EXCEPTION_BYTES : 0
}

const hasRightCrc = (frame: Uint8Array) =>
  crcOf(frame.subarray(0, -2)) === (frame.at(-2) ?? 0) + 256 * (frame.at(-1) ?? 0)

/** [Modbus over Serial Line, appendix B] */
export function crcOf(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}
