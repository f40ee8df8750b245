/** The commands on images of the hub's registry. */
import { listImages } from './ls.ts'

export const imageCommands = [listImages]
