/** English texts for the link of a device. Only pages of devices load them. */
export const linkTexts = {
  connected: 'connected',
  unconnected: 'not connected',
  neverConnected: 'never connected',
  ends: {
    goodbye: 'The agent was stopped.',
    closed: 'The connection broke: the agent was killed, or the machine or the network is off.',
    hub: 'Its hub stopped.',
  },
} as const
