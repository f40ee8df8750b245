/** The texts about answered alerts. They load with the buttons, after the page. */
import { inLanguage } from '../../texts/in-language.ts'

export const answerTexts = inLanguage('answers', {
  acknowledge: 'Acknowledge',
  shelve: 'Shelve',
  unshelve: 'Unshelve',
  acknowledged: (by: string) => `Acknowledged by ${by}`,
  shelved: (by: string) => `Shelved by ${by}`,
  until: 'until',
  acknowledgeTitle: 'Acknowledge this alert?',
  acknowledgeLead:
    'It stays in the list, and is quiet until it ends. When it occurs again, it is not acknowledged. All people see your name and your comment.',
  comment: 'Comment (optional)',
  commentHint: 'For all who see the alert, and for the audit log.',
  shelveTitle: 'Shelve this alert?',
  shelveLead: 'It is quiet for the chosen time, also when it occurs again. Then it returns by itself.',
  span: 'For how long',
  spans: { 1: '1 hour', 4: '4 hours', 8: '8 hours', 24: '24 hours' },
  unshelveTitle: 'Unshelve this alert?',
  unshelveLead: 'It returns to the alerts that need a person, if it still lasts.',
  done: { acknowledge: 'Acknowledged', shelve: 'Shelved', unshelve: 'The alert is not shelved any more' },
})
