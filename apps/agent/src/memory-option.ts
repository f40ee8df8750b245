/** Memory option: the memory for loaded models. */

type Flags = { 'model-memory'?: string | undefined }

const MEMORY_UNITS: Readonly<Record<string, number>> = { MB: 1_000_000, GB: 1_000_000_000 }

/** In bytes; undefined if it is not given, or cannot be read. */
export function memoryOption({ 'model-memory': text = '' }: Flags): number | undefined {
  const { amount, unit = '' } = /^(?<amount>[1-9][0-9]{0,6})(?<unit>MB|GB)$/.exec(text)?.groups ?? {}
  return amount === undefined ? undefined : Number(amount) * (MEMORY_UNITS[unit] ?? 1)
}

/** The mistake in the argument; undefined if there is none. */
export function memoryTrouble(values: Flags): string | undefined {
  const { 'model-memory': text } = values
  if (text === undefined || memoryOption(values) !== undefined) return undefined
  return `--model-memory must be a size such as 512MB or 2GB, not ${JSON.stringify(text.slice(0, 100))}`
}
