/** Image commands: they read the registry of the hub, and make systems for whole computers. */
import { listImages } from './ls.ts'
import { buildImage } from './system/build.ts'
import { bundleImage } from './system/bundle.ts'

export const imageCommands = [listImages, buildImage, bundleImage]
