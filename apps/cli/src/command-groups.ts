/** Command groups: what the words mean that stand before several commands. */
export const groups: Readonly<Record<string, string>> = {
  site: 'Sites: the locations that devices stand at',
  device: 'Devices: the computers that run an agent',
  'device token': 'Join tokens: what devices join with',
  model: 'Models, their signed versions, and the aliases that point to them',
  deployment: 'Deployments: what runs where',
  rollout: 'Rollouts: one revision of a deployment on its way through the fleet',
  key: 'API keys',
  audit: 'The audit trail: who did what',
}
