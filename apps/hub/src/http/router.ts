/** Router: every procedure of the contract with its handler, as the nouns of the hub have them. */
import type { Router } from '@orpc/server'
import type { api } from '@skerry/contract/api'
import { handlers } from '../nouns/nouns.ts'
import type { OpenCall } from './call.ts'
import { openOs } from './implementer.ts'

export const router: Router<typeof api, OpenCall> = openOs.router(handlers)
