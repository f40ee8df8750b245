/** Image packages: the packages in container images, by which vulnerabilities are found. */
import { installedPackages, namesPackages } from '@skerry/core/vulnerabilities/installed-packages'
import type { ArchivedImage } from './archives/image-archive.ts'
import { readLayerFiles } from './archives/layer-files.ts'

/** The limit of the hub for one bill of materials. */
const PARTS_MAX = 20_000

export type PackageBom = { bomFormat: 'CycloneDX'; specVersion: '1.6'; components: { type: 'library'; purl: string }[] }

/** A bill of materials of all packages, sorted; undefined if no image names one. */
export async function packagesOf(images: readonly ArchivedImage[]): Promise<PackageBom | undefined> {
  const purls = new Set<string>()
  for (const image of images) {
    const files = await readLayerFiles(layersOf(image), namesPackages)
    for (const purl of installedPackages(files)) purls.add(purl)
  }
  if (purls.size === 0) return undefined
  const components = [...purls].toSorted().map((purl) => ({ type: 'library' as const, purl }))
  return { bomFormat: 'CycloneDX', specVersion: '1.6', components: components.slice(0, PARTS_MAX) }
}

/** The manifest and the configuration stand before the layers. */
const layersOf = ({ blobs }: ArchivedImage) => blobs.slice(2)
