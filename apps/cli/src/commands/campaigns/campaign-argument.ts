/** The argument of commands on one campaign. */
import { Name } from '@skerry/contract/values/names'
import { fits, required } from '../../program/command.ts'

export const CAMPAIGN = required('<campaign>', 'the name of a campaign', fits(Name))
