/** Runs one campaign of virtual devices, of which its argument has the figures, and writes its result as JSON. */
import { argv, stdout } from 'node:process'
import { runVirtualCampaign } from './virtual-clients.ts'

stdout.write(JSON.stringify(await runVirtualCampaign(JSON.parse(argv[2] ?? '{}'))))
