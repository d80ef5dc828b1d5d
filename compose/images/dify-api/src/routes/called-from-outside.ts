import { page404 } from '../http/answers.ts';
import { NotKnown } from '../http/errors.ts';
import type { Rule } from '../http/flask.ts';
import type { Api } from './context.ts';

/** What others call: webhooks of workflows (from 1.10 on) and MCP clients (from 1.6 on). No webhook can be made here. */
export function outsideRules({ settings: { traits } }: Api): Rule[] {
  const notFound: Rule['views']['GET'] = ({ params }) => page404(`Webhook not found: ${params['webhook_id'] ?? ''}`);
  const webhook: Rule = {
    path: '/triggers/webhook/<string:webhook_id>',
    blueprint: 'trigger',
    views: { GET: notFound, POST: notFound, PUT: notFound, PATCH: notFound, DELETE: notFound },
  };
  const mcp: Rule = {
    path: '/mcp/server/<string:server_code>/mcp',
    blueprint: 'mcp',
    views: {
      POST: () => {
        throw new NotKnown('MCP requests');
      },
    },
  };
  return [...(traits.mcp ? [mcp] : []), ...(traits.triggers ? [webhook] : [])];
}
