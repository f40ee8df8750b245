/** Needs text: the hardware needs of a listing on one line. */
import type { ListingNeeds } from '@skerry/contract/market/listing'

const MEBIBYTE = 1_048_576

export const needsText = ({ architectures = [], capabilities = [], memoryBytes, cpus }: ListingNeeds): string =>
  [
    architectures.join(' or '),
    capabilities.join(', '),
    memoryBytes === undefined ? '' : `${Math.ceil(memoryBytes / MEBIBYTE)} MiB of memory`,
    cpus === undefined ? '' : `${cpus} processors`,
  ]
    .filter((part) => part !== '')
    .join('; ')
