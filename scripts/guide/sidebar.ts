/** Sidebar: every page of the site, by the question of its reader. A test compares it with the folder of documents. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectorPaths } from '../pages/connectors/connector-paths.ts'
import { ROOT } from '../step.ts'
import { OUTER_PAGES, placeOf } from './staged-page.ts'

/** Sections and their pages, as paths in the repository. */
const SECTIONS: readonly (readonly [title: string, pages: readonly string[]])[] = [
  ['Start here', ['docs/guide/index.md', 'docs/guide/installing.md']],
  [
    'Tutorials',
    ['by-hand', 'data-scientist', 'ot-engineer', 'it-security', 'integrator'].map(
      (name) => `docs/tutorials/${name}.md`,
    ),
  ],
  [
    'Plan',
    ['architectures', 'sizing', 'hardware', 'connectors', 'comparison', 'migration', 'upgrading'].map(
      (name) => `docs/guide/${name}.md`,
    ),
  ],
  [
    'Run a hub and devices',
    [
      ...['running', 'joining', 'console', 'organisations', 'people', 'approvals', 'secrets', 'audit'].map(
        (name) => `docs/${name}.md`,
      ),
      ...[
        'installing',
        'ansible',
        'agent-updates',
        'operating-systems',
        'images',
        'settings',
        'groups',
        'pairs',
        'git-sources',
        'remote-access',
        'local-page',
        'kubernetes',
      ].map((name) => `docs/devices/${name}.md`),
      'docs/devices/disaster-recovery.md',
      'docs/guide/assistants.md',
    ],
  ],
  [
    'Models',
    [
      ...['docs/deploying.md', 'docs/golden-cases.md', 'docs/batches.md', 'docs/crashes.md'],
      ...[
        'builds',
        'monitors',
        'captures',
        'places',
        'routes',
        'scaling',
        'splitting',
        'campaigns',
        'surveys',
        'training',
        'python',
      ].map((name) => `docs/models/${name}.md`),
      'docs/models/checks.md',
      'docs/models/importing.md',
      'docs/models/learn-normal.md',
      'docs/models/language-models.md',
    ],
  ],
  ['Equipment', ['docs/sources.md', 'docs/flows.md', 'docs/sinks.md']],
  ['Sources by protocol', connectorPaths('source')],
  ['Sinks by protocol', connectorPaths('sink')],
  [
    'Apps and the marketplace',
    [
      'docs/apps/apps.md',
      'docs/apps/on-devices.md',
      'docs/apps/served-models.md',
      'docs/apps/data.md',
      'docs/apps/systems.md',
      'docs/apps/registry.md',
      'docs/market/market.md',
      'docs/market/publish.md',
    ],
  ],
  [
    'Security and compliance',
    [
      ...['docs/guide/trust.md', 'SECURITY.md'],
      ...['threat-model', 'compliance', 'gdpr', 'hipaa', 'dora', 'intrusion', 'signing', 'supply-chain'].map(
        (name) => `docs/security/${name}.md`,
      ),
      'docs/security/key-compromise.md',
      'docs/security/vulnerabilities.md',
    ],
  ],
  [
    'Reference',
    ['cli', 'yaml', 'errors', 'device-codes', 'alerts', 'permissions'].map((name) => `docs/reference/${name}.md`),
  ],
  [
    'How it works',
    ['docs/concepts.md', 'ARCHITECTURE.md', 'docs/architecture-flows.md', 'docs/performance.md', 'CHANGELOG.md'],
  ],
  ['Change it', ['CONTRIBUTING.md', 'docs/development.md', 'docs/flake-patterns.md']],
]

type Entry = { text: string; link: string }

/** The records of decisions, in their order. */
const decisions = readdirSync(join(ROOT, 'docs/adr'))
  .sort()
  .map((name) => `docs/adr/${name}`)

/** Every page of the sidebar, as a path in the repository. */
export const listedPages: readonly string[] = [...SECTIONS.flatMap(([, pages]) => pages), ...decisions]

/** Every page that the site could have: the documents, and those beside docs/. */
export const allPages = (): string[] => [
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...Object.keys(OUTER_PAGES),
]

const sections = SECTIONS.map(([text, pages]) => ({ text, items: pages.map(entryOf) }))
const [start] = sections

/** The records have a list of their own: with them, that of the other pages would be twice as long. */
export const sidebar = {
  '/adr/': [...(start ? [start] : []), { text: 'Decisions', items: decisions.map(entryOf) }],
  '/': [
    ...sections,
    { text: 'Why it is so', items: decisions.slice(0, 1).map((path) => ({ ...entryOf(path), text: 'Decisions' })) },
  ],
}

function entryOf(path: string): Entry {
  const [, heading = path] = /^# (.+)$/m.exec(readFileSync(join(ROOT, path), 'utf8')) ?? []
  // The part before the colon is enough in a list, except for a numbered decision.
  const text = path.startsWith('docs/adr/') ? heading : (heading.split(': ')[0] ?? heading)
  return { text, link: `/${(placeOf(path) ?? path).replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '')}` }
}
