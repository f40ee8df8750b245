/** Procedures that ask a language model on one device. The answer is a stream. */
import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { AskPart, AskQuestion } from '../../language-models/asking.ts'
import { Name } from '../../values/names.ts'
import { procedure } from '../procedure.ts'
import { unanswered } from './device-command-procedures.ts'
import { DeviceReference } from './device-procedures.ts'

export const languageProcedures = {
  ask: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/language-models/{model}/ask',
    access: 'model.run',
    scope: 'named',
    approval: 'none',
    summary: 'Ask the serving version of a language model on a device; the answer streams',
    errors: [
      ...unanswered,
      'device_quarantined',
      'model_unknown',
      'model_unserved',
      'inference_refused',
      'inference_failed',
    ],
  })
    .input(z.strictObject({ device: DeviceReference, model: Name, ...AskQuestion.shape }))
    .output(eventIterator(AskPart)),
}
