/** English texts for the link of a device. Only pages of devices load them. */
import { inLanguage } from './in-language.ts'
export const linkTexts = inLanguage('links', {
  long: ['connected', 'not connected', 'never connected'],
  since: 'since',
  short: ['yes', 'no', 'never'],
  ends: {
    goodbye: 'The agent was stopped.',
    closed: 'The connection broke: the agent was killed, or the machine or the network is off.',
    hub: 'Its hub stopped.',
  },
} as const)
