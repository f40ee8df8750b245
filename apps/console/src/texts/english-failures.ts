/** The texts about the devices on which a rollout failed. */
import { count } from './count.ts'

export const failureTexts = {
  title: 'Failed devices',
  more: (value: number) => `and ${count(value, 'further device')}`,
  next: 'Next:',
  command: 'the command',
}
