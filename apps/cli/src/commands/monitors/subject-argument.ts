/** Subject argument: the model or the source whose monitor a command is about. */
import { MonitorSubject } from '@skerry/contract/monitors/subject'
import { fits, required } from '../../program/command.ts'

export const SUBJECT = required('<model>', 'the name of a model, or source:NAME', fits(MonitorSubject))
