/** The pages of the console: the hub answers these paths with its one document, and the console's router knows what to show. */

/** First segments; what lies below them belongs to the same page. */
export const CONSOLE_PAGES = ['sign-in', 'devices', 'models', 'rollouts', 'audit', 'settings'] as const
