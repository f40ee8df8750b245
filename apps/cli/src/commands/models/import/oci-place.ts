/** OCI place: the address of an artefact or image in a registry. */
import { wrongUsage } from '../../../program/failure.ts'

/** `reference` is a tag or a digest. */
export type OciPlace = { host: string; repository: string; reference: string }

/** Reads `oci://HOST/REPOSITORY:TAG`, or one with a digest. */
export function placeOf(place: string): OciPlace {
  const found =
    /^oci:\/\/([a-z0-9.-]+(?::\d{1,5})?)\/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::([\w][\w.-]{0,127})|@(sha256:[0-9a-f]{64}))?$/i.exec(
      place,
    )
  const [, host, repository, tag, digest] = found ?? []
  if (host === undefined || repository === undefined)
    throw wrongUsage(`${place} is no artefact of a registry`, 'write oci://HOST/REPOSITORY:TAG or ...@sha256:DIGEST')
  return { host, repository, reference: digest ?? tag ?? 'latest' }
}
