/** Command sections: the parts of the top help, and the first words of the commands in each. */

const SECTIONS: readonly (readonly [string, readonly string[]])[] = [
  ['Start', ['login', 'logout', 'whoami', 'context', 'org', 'status', 'health', 'alerts']],
  ['Fleet', ['site', 'device', 'group', 'pair', 'settings', 'selector', 'telemetry', 'batch', 'data', 'os', 'system']],
  [
    'Models',
    [
      'init',
      'test',
      'model',
      'model-feed',
      'build',
      'optimisation',
      'monitor',
      'capture',
      'campaign',
      'survey',
      'learn',
      'infer',
      'ask',
      'route',
      'gateway',
      'scaling',
    ],
  ],
  [
    'Deploy',
    ['deploy', 'apply', 'git-source', 'deployment', 'rollout', 'placement', 'approval', 'app', 'image', 'market'],
  ],
  ['Equipment', ['source', 'tag', 'sink', 'flow']],
  ['Remote access', ['shell', 'tunnel', 'logs', 'cp', 'access']],
  [
    'People and security',
    [
      'user',
      'role',
      'key',
      'signing-key',
      'trust',
      'test-rule',
      'secret',
      'certificate',
      'audit',
      'intrusion',
      'vulnerability',
    ],
  ],
]

const OTHER = 'This machine'

const indexOf = (word: string) => SECTIONS.findIndex(([, words]) => words.includes(word))

/** The title under which the top help shows the first word of a command. */
export const sectionOf = (word: string): string => `${SECTIONS[indexOf(word)]?.[0] ?? OTHER}:`

/** The place of the section of a command in the help; the last for other commands. */
export function sectionRank(name: string): number {
  const index = indexOf(name.split(' ')[0] ?? '')
  return index === -1 ? SECTIONS.length : index
}
