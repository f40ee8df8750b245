/** OS commands: images of operating systems at the hub. The row of the kind has `ls` and `show`. */
import { pushOs } from './push.ts'

export const osCommands = [pushOs]
