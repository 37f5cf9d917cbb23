// The running shop. It answers on VENDURE_PORT of the loopback address and ends with SIGTERM.
const { bootstrap } = require('@vendure/core');
const { config } = require('./config');
const { postWebhooks } = require('./webhooks');

bootstrap(config).then(postWebhooks, (error) => {
  console.error(error);
  process.exit(1);
});
