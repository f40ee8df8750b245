/** The texts of the pages of the marketplace. */
import type { CatalogueProblemCode } from '@skerry/contract/market/catalogue'
import type { CheckName } from '@skerry/contract/market/certificate'
import type { InstallPlan, InstallStep } from '@skerry/contract/market/installation'
import type { ListingCategory, PermissionAccess } from '@skerry/contract/market/listing'
import { count } from '../../texts/count.ts'

const categories: Readonly<Record<ListingCategory, string>> = {
  maintenance: 'Maintenance',
  quality: 'Quality',
  energy: 'Energy',
  vision: 'Vision',
  audio: 'Audio',
  logistics: 'Logistics',
  connectivity: 'Connectivity',
  dashboard: 'Dashboard',
  safety: 'Safety',
}

const access: Readonly<Record<PermissionAccess, string>> = {
  port: 'Opens a port',
  mount: 'Keeps files',
  device: 'Uses a device',
  'read-tag': 'Reads a tag',
  'write-tag': 'Writes a tag',
  egress: 'Connects to',
}

const checks: Readonly<Record<CheckName, string>> = {
  form: 'Form',
  names: 'Names',
  digests: 'Digests',
  sizes: 'Sizes',
  licence: 'Licence',
  secrets: 'Secrets',
  content: 'Content',
  permissions: 'Permissions',
  sbom: 'Bill of materials',
  evidence: 'Results of models',
}

const problems: Readonly<Record<CatalogueProblemCode, string>> = {
  catalogue_missing: 'Missing',
  catalogue_unreadable: 'Unreadable',
  catalogue_untrusted: 'Not trusted',
  catalogue_renamed: 'Another catalogue',
  catalogue_rolled_back: 'Rolled back',
  catalogue_mixed: 'Mixed',
  catalogue_expired: 'Expired',
}

const done: Readonly<Record<InstallPlan['change'], string>> = {
  install: 'Installed',
  upgrade: 'Upgraded',
  repair: 'Repaired',
}

const does: Readonly<Record<InstallStep['does'], string>> = {
  'set-connection': 'Set',
  push: 'Push',
  deploy: 'Deploy',
  'remove-deployment': 'Remove the deployment',
  'remove-connection': 'Remove',
}

export const marketTexts = {
  title: 'Marketplace',
  tabs: { listings: 'Listings', installed: 'Installed', catalogues: 'Catalogues' },
  tabsLabel: 'Parts of the marketplace',
  categories,
  search: 'Search listings',
  searchHint: 'Words such as pump, alarm',
  facets: {
    category: 'Category',
    kind: 'Contains',
    any: 'Any',
    channel: 'Channel',
    stable: 'Stable',
    beta: 'Beta too',
  },
  facet: (name: string, value: number) => `${name} (${value})`,
  found: (value: number) => count(value, 'listing'),
  more: 'Show more',
  none: 'No listing fits',
  noneHint: 'Remove a word or a choice.',
  empty: 'No catalogues yet',
  emptyHint:
    'A catalogue is a signed folder of apps, models, flows and connections. Put one into the folder of the hub, trust the key of its publisher, and subscribe.',
  command: 'skerry market catalogue add NAME --key KEY',
  by: (publisher: string) => `by ${publisher}`,
  certified: (level: number) => `Certified, level ${level}`,
  uncertified: 'Not certified',
  installedVersion: (version: string) => `${version} installed`,
  installed: {
    columns: { name: 'Installation', listing: 'Listing', version: 'Version', state: 'State', actions: '' },
    states: { installing: 'Not finished', installed: 'Installed', removing: 'Not removed yet' },
    empty: 'Nothing is installed',
    emptyHint: 'Install a listing. Its sources, versions and deployments are ordinary ones.',
    upgrade: (version: string) => `Upgrade to ${version}`,
    repeat: 'Continue',
    remove: 'Uninstall',
    removeTitle: (name: string) => `Uninstall ${name}?`,
    removeLead:
      'Its deployments, sources and sinks are removed from the devices. The versions of its models, flows and apps stay, because a rollback may need them.',
    removed: (name: string) => `${name} is uninstalled`,
  },
  catalogues: {
    columns: { name: 'Catalogue', index: 'Index', listings: 'Listings', expires: 'Expires', state: 'State' },
    good: 'Good',
    problems,
  },
  listing: {
    back: 'Marketplace',
    tabs: { about: 'About', permissions: 'Permissions', evidence: 'Evidence', versions: 'Versions' },
    tabsLabel: 'Parts of the listing',
    install: 'Install',
    facts: 'Facts',
    publisher: 'Publisher',
    licence: 'Licence',
    categories: 'Categories',
    contains: 'Contains',
    needs: 'Needs',
    noNeeds: 'nothing special',
    support: 'Support',
    digest: 'Digest',
    changelog: 'Changes',
    withdrawn: (reason: string) => `The publisher withdrew this version: ${reason}`,
    deprecated: (reason: string) => `Deprecated: ${reason}`,
    noPermissions: 'The listing asks for no permission.',
    permissionColumns: { access: 'Access', target: 'Target', purpose: 'Purpose' },
    access,
    versionColumns: { version: 'Version', channel: 'Channel', follows: 'Follows', state: 'State' },
    offered: 'Offered',
    taken: 'Withdrawn',
    installed: 'Installed',
  },
  evidence: {
    checks,
    results: { PASSED: 'Passed', WARNED: 'Warned', FAILED: 'Failed' },
    columns: { check: 'Check', result: 'Result', facts: 'Facts', command: 'Repeat it' },
    lead: 'Each row is an in-toto statement. Run its command with a copy of the catalogue, and compare.',
    none: 'Nobody has certified this version.',
    models: 'Results of models',
    modelColumns: { item: 'Model', value: 'Result', baseline: 'Simple rule', data: 'Data' },
    noModels: 'The listing has no model.',
  },
  install: {
    title: (title: string) => `Install ${title}`,
    upgradeTitle: (title: string) => `Upgrade ${title}`,
    settings: 'Settings',
    place: 'Devices',
    name: 'Name of the installation',
    nameHint: 'Its objects are called NAME-ITEM, so that a listing can be installed several times.',
    selector: 'Devices that run it',
    selectorHint: 'A selector, such as device.labels.line == "3". The word true picks all devices.',
    scope: 'Owner of its sources and sinks',
    scopeHint: 'organisation, site:NAME or device:NAME. The devices of the owner connect to the equipment.',
    permissions: 'Permissions',
    accept: (key: string) => `Accept ${key}`,
    accepted: 'accepted before',
    isNew: 'new',
    dropped: (keys: string) => `No longer needed: ${keys}`,
    review: 'Steps',
    reviewLead:
      'Ordinary requests with your own permissions. You can repeat them: a step that is done changes nothing.',
    yaml: 'As YAML',
    copy: 'the steps as YAML',
    go: { install: 'Install', upgrade: 'Upgrade', repair: 'Install again' },
    done,
    does,
    unaccepted: 'Accept all permissions first',
    waiting: 'The hub is still planning',
    running: 'Installing',
    completed: (change: InstallPlan['change'], name: string) => `${done[change]}: ${name}`,
    deployments: 'Show deployments',
    all: 'Show installations',
  },
} as const
