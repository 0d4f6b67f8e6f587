import { posix } from 'node:path'
import { instance } from '@viz-js/viz'
import { defineConfig } from 'vitepress'
import { pages } from './pages.mjs'

const viz = await instance()

/** A drawing in the language of Graphviz, in the colours of the page. */
const picture = (text) =>
  `<div style="overflow-x: auto; margin: 16px 0">${viz
    .renderString(text, {
      format: 'svg',
      graphAttributes: { bgcolor: 'transparent', rankdir: 'LR', fontname: 'Arial', nodesep: 0.3 },
      nodeAttributes: { fontname: 'Arial', fontsize: 12, shape: 'box', margin: '0.3,0.12', style: 'rounded', color: '#888', fontcolor: '#888' },
      edgeAttributes: { fontname: 'Arial', fontsize: 10, color: '#888', fontcolor: '#888' },
    })
    .replace(/^[^]*?<svg width="[^"]*" height="[^"]*"/, '<svg style="max-width: 100%; height: auto"')
    .replaceAll('#888888', 'currentColor')
    .replaceAll('font-family="Arial"', 'font-family="Arial, Helvetica, sans-serif"')}</div>`

/** A link out of docs, to sources that the site does not have. */
const leavesDocs = (href, page) =>
  !/^(?:[a-z]+:|#|\/)/.test(href) && posix.join(posix.dirname(page), href).startsWith('..')

/** Such links are plain text on the site. */
const unlinked = ({ tokens, env }) => {
  for (const { children } of tokens) {
    let open = false
    for (const token of children ?? []) {
      if (token.type === 'link_open' && leavesDocs(token.attrGet('href') ?? '', env.relativePath)) open = true
      else if (!(token.type === 'link_close' && open)) continue
      Object.assign(token, { type: 'html_inline', content: token.nesting === 1 ? '<span>' : '</span>' })
      if (token.nesting === -1) open = false
    }
  }
}

/** `npm run site` builds the pages of docs into `.site`, searchable without a network; a dead link fails it. */
export default defineConfig({
  title: 'taskchain',
  description: 'Typed computation chains that never compute the same thing twice.',
  outDir: '../.site',
  cacheDir: '../node_modules/.cache/vitepress',
  cleanUrls: true,
  lastUpdated: false,
  markdown: {
    languageAlias: { awk: 'bash' },
    config: (markdown) => {
      markdown.core.ruler.push('unlinked', unlinked)
      const { rules } = markdown.renderer
      const { fence } = rules
      // Pages are text: doubled braces mean nothing.
      for (const kind of ['text', 'code_inline']) {
        const render = rules[kind]
        rules[kind] = (...given) => render(...given).replaceAll('{{', '&#123;&#123;')
      }
      rules.fence = (tokens, index, ...rest) =>
        tokens[index].info.trim() === 'dot' ? picture(tokens[index].content) : fence(tokens, index, ...rest)
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Five minutes', link: '/five-minutes' },
      { text: 'Guide', link: '/tasks' },
      { text: 'Reference', link: '/reference/api/' },
    ],
    sidebar: pages.map(({ title, pages: items }) => ({
      text: title,
      collapsed: title === 'Reference' || title === 'How it works',
      items: items.map(([path, text]) => ({ text, link: `/${path.replace(/(^|\/)index$/, '$1')}` })),
    })),
    footer: { message: 'MIT licence' },
  },
})
