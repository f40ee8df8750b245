/**
 * Runs every command of docs/tutorials/data-scientist.md.
 * @module-tag deep test/tutorials/by-hand.test.ts follows a document with most of these commands in the quick tier
 */
import { followTutorial } from './follow-tutorial.ts'

await followTutorial('data-scientist')
