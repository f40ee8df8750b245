/**
 * Flow devices: the devices of a deployment that have the sources of its flow. A flow without its source runs there
 * without values. A new deployment without a selector gets the devices that have them; any other gets a note.
 */

import type { SkerryClient } from '@skerry/client/client'
import { allRows } from '@skerry/client/page'
import { problemOf } from '@skerry/client/problem'
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { sourceSelector } from '@skerry/core/flow/source-selector'
import { neededSources } from '../../kinds/kinds.ts'
import type { Session } from '../../program/session.ts'
import { countText } from '../../program/terminal/words.ts'

/** Enough names to recognise a place by; `skerry selector test` lists all. */
const NAMES_MAX = 5

type Chosen = {
  spec: DeploymentSpec
  /** The person gave a selector, or the deployment exists and keeps its own. */
  isChosen: boolean
}

/** Gives the spec, with the devices that have the sources if the person chose none. */
export async function onDevicesWithSources(
  client: SkerryClient,
  { spec, isChosen }: Chosen,
  session: Session,
): Promise<DeploymentSpec> {
  const found = await findSources(client, spec, session.signal)
  if (found === undefined || found.sources.length === 0) return spec
  const { sources, placed } = found
  const { selector, missing } = sourceSelector(sources, placed)
  const named = sources.join(', ')
  if (missing.length > 0) {
    const next = 'Add it with "skerry source add"; until then the flow waits for it.'
    session.note(session.style.yellow(`No device has the source ${missing.join(', ')}. ${next}`))
    return spec
  }
  if (selector === undefined) return spec
  if (!isChosen) {
    session.note(`Only devices that have ${named}: --to '${selector}'`)
    return { ...spec, selector }
  }
  const lacking = await lackingText(client, { spec, selector }, session.signal)
  if (lacking !== undefined) {
    const end = `there the flow waits. Choose the others with --to '${selector}'`
    session.note(session.style.yellow(`${lacking} ${named}; ${end}`))
  }
  return spec
}

/** Undefined if the caller may not see them, or if there is no such version: the hub answers the deployment itself. */
async function findSources(client: SkerryClient, { deployable, version }: DeploymentSpec, signal: AbortSignal) {
  try {
    const detail = await client.model.getVersion({ name: deployable, version }, { signal })
    const sources = neededSources(detail)
    if (sources.length === 0) return { sources, placed: [] }
    return { sources, placed: await allRows((page) => client.source.list(page, { signal })) }
  } catch (error) {
    const { status } = problemOf(error)
    if (status === 403 || status === 404) return undefined
    throw error
  }
}

type Compared = { spec: DeploymentSpec; selector: string }

/** Undefined if each picked device has the sources. */
async function lackingText(client: SkerryClient, { spec, selector }: Compared, signal: AbortSignal) {
  const lacking = `(${spec.selector}) && !(${selector})`
  const { picked } = await client.selector.preview({ selector: lacking, limit: NAMES_MAX }, { signal })
  if (picked.count === 0) return undefined
  const names = picked.devices.map(({ name }) => name).join(', ')
  const more = picked.count > picked.devices.length ? ' and others' : ''
  return `${countText(picked.count, 'device')} (${names}${more}) ${picked.count === 1 ? 'lacks' : 'lack'}`
}
