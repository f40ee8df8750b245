/** Bytes: numbers in CIP's form, the least significant byte first. [CIP 1, C-3] */
export const u16 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff]

export const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)]

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
