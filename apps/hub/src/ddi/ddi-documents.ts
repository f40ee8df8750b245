/**
 * DDI documents: the answers of the protocol. [hawkBit, "Direct Device Integration API"] Written from its public
 * reference.
 */
import type { SwuImage } from '@skerry/contract/os/os-image'
import type { Digest } from '@skerry/contract/values/digest'
import type { DdiAction } from '@skerry/core/ddi/ddi-record'
import type { DdiOffer } from '@skerry/core/ddi/ddi-step'
import { hexOf } from '@skerry/platform/files/hash'

/** The address of a device in the protocol, without a slash at its end. */
export type DdiPlace = { origin: string; tenant: string; controllerId: string }

const baseOf = ({ origin, tenant, controllerId }: DdiPlace) =>
  `${origin}/${encodeURIComponent(tenant)}/controller/v1/${encodeURIComponent(controllerId)}`

const LINKS = { deploy: 'deploymentBase', confirm: 'confirmationBase', cancel: 'cancelAction' } as const

/** The answer to a poll. A link names each thing that the device should do now. */
export function rootDocument(place: DdiPlace, offer: DdiOffer, { pollMs, wantsAttributes }: RootFacts) {
  const base = baseOf(place)
  const order =
    offer.kind === 'none' ? {} : linkOf(LINKS[offer.kind], `${base}/${LINKS[offer.kind]}/${offer.action.id}`)
  const attributes = wantsAttributes ? linkOf('configData', `${base}/configData`) : {}
  return { config: { polling: { sleep: sleepText(pollMs) } }, _links: { ...order, ...attributes } }
}

type RootFacts = { pollMs: number; wantsAttributes: boolean }

const linkOf = (name: string, href: string) => ({ [name]: { href } })

/** `hh:mm:ss`, one second at least. A day is the longest that the form can say. */
export function sleepText(ms: number): string {
  const seconds = Math.min(86_399, Math.max(1, Math.round(ms / 1_000)))
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}

export type OfferedImage = { image: SwuImage; digest: Digest; sizeBytes: number; fileName: string }

/** The order to install an image, or the image that needs a confirmation. */
export function deploymentDocument(place: DdiPlace, action: DdiAction, offered: OfferedImage) {
  const { image, digest, sizeBytes, fileName } = offered
  const href = `${baseOf(place)}/softwaremodules/${action.id}/artifacts/${fileName}`
  const artifact = {
    filename: fileName,
    hashes: { sha1: image.sha1, md5: image.md5, sha256: hexOf(digest) },
    size: sizeBytes,
    _links: { download: { href }, md5sum: { href: `${href}.MD5SUM` } },
  }
  const chunk = { part: 'os', version: image.version, name: action.target.name, artifacts: [artifact] }
  const deployment = { download: 'forced', update: 'forced', chunks: [chunk] }
  // SWUpdate reads the number as a JSON number; hawkBit itself writes a text. Both clients accept both.
  return { id: String(action.id), deployment }
}

export const confirmationDocument = (place: DdiPlace, action: DdiAction, offered: OfferedImage) => {
  const { id, deployment } = deploymentDocument(place, action, offered)
  return { id, confirmation: deployment }
}

export const cancelDocument = ({ id }: DdiAction) => ({ id: String(id), cancelAction: { stopId: String(id) } })

/** A file name that each client accepts. SWUpdate installs files that end in `.swu` only. */
export const fileNameOf = ({ target: { name, version } }: DdiAction): string => `${name}-${version}.swu`
