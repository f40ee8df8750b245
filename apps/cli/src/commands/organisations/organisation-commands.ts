/** Organisation commands: one's own, and those of the hub's operators, in the order in which help and reference show them. */
import type { Command } from '../../program/command.ts'
import { createOrganisation } from './create.ts'
import { disableOrganisation } from './disable.ts'
import { enableOrganisation } from './enable.ts'
import { inviteOwner } from './invite.ts'
import { listOrganisations } from './ls.ts'
import { listOwnOrganisations } from './mine.ts'
import { removeOrganisation } from './rm.ts'
import { setQuota } from './set-quota.ts'
import { showOrganisation } from './show.ts'
import { switchOrganisation } from './switch.ts'
import { showUse } from './use.ts'

export const organisationCommands: readonly Command[] = [
  listOwnOrganisations,
  switchOrganisation,
  createOrganisation,
  listOrganisations,
  showOrganisation,
  showUse,
  setQuota,
  inviteOwner,
  disableOrganisation,
  enableOrganisation,
  removeOrganisation,
]
