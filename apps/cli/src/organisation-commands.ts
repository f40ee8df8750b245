/**
 * Organisation commands: those for the person's own organisations, and those of the hub's operators, in the order of
 * help and reference.
 */
import type { Command } from './command.ts'
import { createOrganisation } from './commands/create-organisation.ts'
import { disableOrganisation } from './commands/disable-organisation.ts'
import { enableOrganisation } from './commands/enable-organisation.ts'
import { inviteOwner } from './commands/invite-owner.ts'
import { listOrganisations } from './commands/list-organisations.ts'
import { listOwnOrganisations } from './commands/list-own-organisations.ts'
import { removeOrganisation } from './commands/remove-organisation.ts'
import { setQuota } from './commands/set-quota.ts'
import { showOrganisation } from './commands/show-organisation.ts'
import { showUse } from './commands/show-use.ts'
import { switchOrganisation } from './commands/switch-organisation.ts'

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
