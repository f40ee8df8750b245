/**
 * The pages of the console: the hub answers these paths with its one document, and the console's router knows what to
 * show.
 */

/** First segments of paths; deeper paths belong to the same page. */
export const CONSOLE_PAGES = [
  'sign-in',
  'join',
  'reset',
  'second-factor',
  'account',
  'sso',
  'connect',
  'sites',
  'devices',
  'models',
  'apps',
  'market',
  'monitors',
  'captures',
  'campaigns',
  'surveys',
  'deploy',
  'deployments',
  'git-sources',
  'model-feeds',
  'groups',
  'routes',
  'rollouts',
  'batches',
  'sources',
  'sinks',
  'flows',
  'learning',
  'audit',
  'approvals',
  'security',
  'vulnerabilities',
  'settings',
] as const
