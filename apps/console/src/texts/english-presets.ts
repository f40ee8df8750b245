/** The texts of the common rollout strategies, and of a custom one. */
export const presets = {
  label: 'Common strategies',
  'all-at-once': ['All at once', 'All devices get it at the same time. For a first version, or a few devices.'],
  canary: ['Canary', '5 % first. After 5 healthy minutes all the others. The first failure rolls all devices back.'],
  shadow: [
    'Shadow',
    'Each device first sends it a copy of the requests, and compares the answers. It serves if they were right.',
  ],
  staged: ['Staged', '5 %, then 25 %, then the rest, with pauses between. It stops when more than 2 % fail.'],
  cautious: ['Cautious', 'One device for an hour, then 5 %, 25 %, the rest. The first failure rolls all devices back.'],
  'blue-green': [
    'Blue-green',
    'All devices prepare it beside the old version. When a person approves, they switch at once. The old version stays ready.',
  ],
  own: ['Your own', 'Waves that you set up yourself.'],
} as const
