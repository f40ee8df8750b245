/** Data versions: compares the data with which a device trained in two rounds, and counts the versions behind a result. */
import type { DataVersion, ParticipantData } from '@skerry/contract/campaigns/data-version'

/** The data of a training, with its round. */
export type DatedVersion = DataVersion & { round: number }

/** The data of a training beside that of the training before. */
export function comparedData({ fingerprint, rows }: DataVersion, before: DatedVersion | undefined): ParticipantData {
  if (!before) return { fingerprint, rows }
  return {
    fingerprint,
    rows,
    earlier: { round: before.round, rows: before.rows, isSame: before.fingerprint === fingerprint },
  }
}

/** The devices whose data has changed; undefined if none reports its data. */
export function changedCount(data: readonly (ParticipantData | undefined)[]): number | undefined {
  const known = data.filter((one) => one !== undefined)
  return known.length === 0 ? undefined : known.filter(({ earlier }) => earlier && !earlier.isSame).length
}

/** `unknown`: devices of older agents, which report no data. */
export type DataCounts = { versions: number; devices: number; unknown: number }

/** The part of a lineage about data; undefined if no device reported its data. */
export function dataNote({ versions, devices, unknown }: DataCounts): string | undefined {
  if (versions === 0) return undefined
  const known = `${versions} data version${versions === 1 ? '' : 's'} of ${devices} device${devices === 1 ? '' : 's'}`
  return unknown === 0 ? known : `${known}, ${unknown} device${unknown === 1 ? '' : 's'} with unknown data`
}
