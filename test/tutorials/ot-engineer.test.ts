/**
 * Runs every command of docs/tutorials/ot-engineer.md.
 * @module-tag deep test/tutorials/by-hand.test.ts follows a document in the quick tier, and the tests of sources and flows run the commands
 */
import { followTutorial } from './follow-tutorial.ts'

await followTutorial('ot-engineer')
