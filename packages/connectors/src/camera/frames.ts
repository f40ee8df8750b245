/**
 * Frames: cuts the output of a decoder into pictures. Each picture has memory of its own, so that it can be moved to
 * another thread.
 */

/** Takes bytes, and passes on each whole picture. `bytes` is the length of a picture. */
export function createFrameCutter(bytes: number, onFrame: (frame: Uint8Array<ArrayBuffer>) => void) {
  let frame = new Uint8Array(bytes)
  let filled = 0
  return (chunk: Uint8Array): void => {
    for (let from = 0; from < chunk.length; ) {
      const part = chunk.subarray(from, from + bytes - filled)
      frame.set(part, filled)
      filled += part.length
      from += part.length
      if (filled < bytes) return
      onFrame(frame)
      frame = new Uint8Array(bytes)
      filled = 0
    }
  }
}
