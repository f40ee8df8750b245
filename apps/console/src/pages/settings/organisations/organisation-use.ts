/** Organisation use: how much an organisation uses, of what it may. */
import type { Tenant } from '@skerry/contract/people/organisation'
import { sizeText } from '../../../components/charts/amounts.ts'
import { number } from '../../../texts/count.ts'
import { organisationsTexts as words } from './english-organisations.ts'

/** `3 of 10` devices, `2 GiB of 50 GiB` of files, `41` requests a minute. */
export function wordsOfUse({ use, quota }: Pick<Tenant, 'use' | 'quota'>) {
  const of = (used: number, most: number | undefined, show: (amount: number) => string) =>
    words.of(show(used), most === undefined ? undefined : show(most))
  return {
    devices: of(use.devices, quota.devices, (amount) => number.format(amount)),
    storage: of(use.storageBytes, quota.storageBytes, sizeText),
    requests: of(use.requestsPerMinute, quota.requestsPerMinute, (amount) => number.format(amount)),
  }
}
