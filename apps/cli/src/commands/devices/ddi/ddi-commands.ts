/** DDI commands: devices without an agent. */
import { addDdiDevice } from './add.ts'
import { showDdiDevice } from './show.ts'
import { replaceDdiToken } from './token.ts'

export const ddiCommands = [addDdiDevice, showDdiDevice, replaceDdiToken]
