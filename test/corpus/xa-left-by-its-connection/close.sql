XA COMMIT 'left';
