/** Part text: the name and the version of a part, as people write them. */
import { readPackageUrl } from '@skerry/core/vulnerabilities/package-url'

/** Such as `left-pad 1.3.0`. A package URL of an unknown form stays as it is. */
export function partText(purl: string): string {
  const part = readPackageUrl(purl)
  return part === undefined ? purl : `${part.package} ${part.version}`
}
