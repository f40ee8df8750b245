/**
 * Runs every command of docs/tutorials/it-security.md.
 * @module-tag deep test/tutorials/by-hand.test.ts shows the quick tier that a document is followed
 */
import { followTutorial } from './follow-tutorial.ts'

await followTutorial('it-security')
