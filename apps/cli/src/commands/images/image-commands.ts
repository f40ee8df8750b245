/** The commands on images: those of the hub's registry, and systems for whole computers. */
import { listImages } from './ls.ts'
import { buildImage } from './system/build.ts'
import { bundleImage } from './system/bundle.ts'

export const imageCommands = [listImages, buildImage, bundleImage]
