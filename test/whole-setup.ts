/** Whole setup: removes the leftovers of each test file across processes. Vitest runs it before each file. */
import { removeLeftovers } from '@skerry/testkit/leftovers'
import { afterAll } from 'vitest'

afterAll(removeLeftovers)
